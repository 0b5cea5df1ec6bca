namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>An exchange with an upstream failed.</summary>
internal sealed class UpstreamFaultException(UpstreamFault fault, Exception? cause = null) : Exception(fault.ToString(), cause)
{
    public UpstreamFault Fault { get; } = fault;
}
