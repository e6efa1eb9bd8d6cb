"""The one error that reaches a person."""


class UserError(Exception):
    """A mistake in the input, the settings or the machine, told in one sentence.

    The text says what is wrong, where, why, and how to mend it. The command line
    prints it without a traceback; anything else that escapes is a defect of ours.
    """
