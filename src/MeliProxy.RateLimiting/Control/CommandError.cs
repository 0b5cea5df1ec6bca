namespace MeliProxy.RateLimiting.Control;

/// <summary>The codes of commands that were not carried out.</summary>
public static class CommandError
{
    /// <summary>The body is no JSON object.</summary>
    public const string InvalidJson = "invalid-json";

    /// <summary>A member is unknown, missing, or of the wrong type.</summary>
    public const string InvalidRequest = "invalid-request";

    /// <summary>A rule is not valid.</summary>
    public const string InvalidRule = "invalid-rule";

    /// <summary>An override is not valid.</summary>
    public const string InvalidOverride = "invalid-override";

    /// <summary>The command has a form that this version does not know.</summary>
    public const string UnsupportedSchema = "unsupported-schema";

    /// <summary>There is no such command.</summary>
    public const string UnknownCommand = "unknown-command";

    /// <summary>There is no such rule.</summary>
    public const string UnknownRule = "unknown-rule";

    /// <summary>There is no such override.</summary>
    public const string UnknownOverride = "unknown-override";

    /// <summary>The revision is not known, or not any more.</summary>
    public const string UnknownRevision = "unknown-revision";

    /// <summary>There is no such scheduled change.</summary>
    public const string UnknownId = "unknown-id";

    /// <summary>The change contradicts something else in the document.</summary>
    public const string Conflict = "conflict";

    /// <summary>The document is not at the revision that the change was made for.</summary>
    public const string StaleRevision = "stale-revision";

    /// <summary>The command, or the document after it, is too large.</summary>
    public const string TooLarge = "too-large";

    /// <summary>The store cannot be reached.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>Something went wrong that the log of the process has more about.</summary>
    public const string Internal = "internal";
}
