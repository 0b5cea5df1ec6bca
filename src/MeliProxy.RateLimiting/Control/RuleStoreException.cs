namespace MeliProxy.RateLimiting.Control;

/// <summary>A rule store could not be written, for a reason that may pass. Nothing is known to have changed.</summary>
public sealed class RuleStoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, in one sentence without a final stop, for whoever sent the command.</param>
    /// <param name="cause">What happened. Default: nothing that helps.</param>
    public RuleStoreException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
