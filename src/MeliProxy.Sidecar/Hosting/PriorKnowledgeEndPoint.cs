using System.Net;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>The address of an <see cref="Http2PriorKnowledge"/> listener, on which nobody can connect.</summary>
internal sealed class PriorKnowledgeEndPoint : EndPoint
{
    /// <summary>How the server lists it among its addresses.</summary>
    public const string Name = "h2c";

    public override string ToString() => Name;
}
