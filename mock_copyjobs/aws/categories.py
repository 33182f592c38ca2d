"""Message categories: the MessageCategory that follows from a job's State and StatusMessage.

Source: the AWS Backup developer guide, page "backup-dashboards", section "Reasons for problematic jobs".
The guide gives whole messages and regular expressions. Their fixed parts are searched for, ignoring case.
"""

SUCCESS = "SUCCESS"
MISCELLANEOUS = "MISCELLANEOUS"
NO_FILTER = frozenset({"ANY", "AGGREGATEALL"})

_FRAGMENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "CONCURRENT_JOB",
        ("there are too many copy jobs running for resource",),
    ),
    (
        "FEATURE_NOT_ENABLED",
        ("cross-account copy feature is not enabled",),
    ),
    (
        "INVALID_LIFECYCLE",
        ("the retention specified in the job is not within the range",),
    ),
    (
        "TAG_COPY_ERROR",
        ("unable to copy resource tags to your backup",),
    ),
    (
        "UNSUPPORTED_OPERATION",
        ("unsupportedoperation", "feature is not supported for provided resource type"),
    ),
    (
        "LIMIT_EXCEEDED",
        ("subscriber limit exceeded", "more than 50 tags specified", "can have at most"),
    ),
    (
        "RESOURCE_NOT_SUPPORTED",
        ("unsupported resource type",),
    ),
    (
        "KMS_KEY_ERROR",
        ("kms key", "given key id is not accessible"),
    ),
    (
        "ACCESS_DENIED",
        (
            "access denied",
            "not authorized to",
            "cannot be assumed by aws backup",
            "does not have permission",
            "missing permission",
            "images from aws marketplace cannot be copied",
            "encrypted with the default backup service managed key",
            "snapshots encrypted with the aws managed key can't be shared",
            "must be a member of the same organization",
        ),
    ),
    (
        "RESOURCE_NOT_FOUND",
        (
            "does not exist",
            "could not find resource",
            "could not find cryopod",
            "cannot find recovery point",
            "resource not found",
            "no longer available",
            "is invalid",
        ),
    ),
    (
        "FATAL_ERROR",
        ("encountered a fatal error", "an internal error occurred"),
    ),
)


def category_of(state: str | None, status_message: str | None) -> str | None:
    """Return the category of a job without a MessageCategory; None while it is under way and has no message."""
    if status_message:
        text = status_message.casefold()
        for category, fragments in _FRAGMENTS:
            if any(fragment in text for fragment in fragments):
                return category
        return MISCELLANEOUS
    if state == "COMPLETED":
        return SUCCESS
    return MISCELLANEOUS if state in ("FAILED", "PARTIAL") else None


def comparable(category: str) -> str:
    """Return the form in which spellings of a category are equal: AccessDenied, access-denied, ACCESS_DENIED."""
    return category.replace("_", "").replace("-", "").upper()
