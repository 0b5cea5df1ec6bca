using System.Net.Security;
using MeliProxy.Sidecar.Transport;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>TLS over a stream that may be asked to probe its socket.</summary>
internal sealed class UpstreamTlsStream(OffLoopStream inner) : SslStream(inner), IProbedStream
{
    public void Probe() => ((IProbedStream)InnerStream).Probe();
}
