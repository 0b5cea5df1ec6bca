using System.Net;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>The address of an <see cref="Http2PriorKnowledge"/> listener, on which nobody can connect.</summary>
internal sealed class PriorKnowledgeEndPoint : EndPoint
{
    public override string ToString() => "h2c";
}
