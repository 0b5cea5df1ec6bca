namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>What has been forwarded which way, and what went wrong with upstreams, since the start.</summary>
internal sealed class ForwardingCounts
{
    private readonly long[] _faults = new long[Enum.GetValues<UpstreamFault>().Length];

    /// <summary>Requests that went straight to an upstream.</summary>
    public StripedCount Direct { get; } = new();

    /// <summary>Requests that YARP forwarded.</summary>
    public StripedCount ByYarp { get; } = new();

    /// <summary>Connections that were made.</summary>
    public StripedCount Connected { get; } = new();

    /// <summary>Connections that were found closed by the upstream when they were to be used again; the request went over another.</summary>
    public StripedCount Stale { get; } = new();

    public void Add(UpstreamFault fault) => Interlocked.Increment(ref _faults[(int)fault]);

    public long Of(UpstreamFault fault) => Volatile.Read(ref _faults[(int)fault]);
}
