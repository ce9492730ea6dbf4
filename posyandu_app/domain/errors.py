"""The two families of trouble.

Exception
├── UserError            somebody can mend it: an Indonesian sentence says how
│   ├── InvalidValue     one field of a form or file; names the field
│   └── NotAllowed       the role in force may not do this
└── everything else      a bug of ours: logged, shown as one calm sentence with a code
"""


class UserError(Exception):
    """A sentence that says what is wrong and how to mend it; nothing entered is lost."""

    def __init__(self, message: str, *, code: str = "user_error") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class InvalidValue(UserError):
    """One value that cannot be taken as typed; `field` names where it stands."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, code="invalid_value")
        self.field = field


class NotAllowed(UserError):
    """The role in force may not do this."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not_allowed")
