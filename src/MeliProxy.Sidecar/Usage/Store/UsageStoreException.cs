namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>Says for people why the store cannot be used.</summary>
internal sealed class UsageStoreException : Exception
{
    public UsageStoreException(string message)
        : base(message)
    {
    }

    public UsageStoreException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
