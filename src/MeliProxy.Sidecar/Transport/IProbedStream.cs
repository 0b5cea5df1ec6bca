namespace MeliProxy.Sidecar.Transport;

/// <summary>A stream over a socket that is not asked before it has said that there is something.</summary>
internal interface IProbedStream
{
    /// <summary>Makes the next read ask it all the same: what came just now may not have been told yet.</summary>
    void Probe();
}
