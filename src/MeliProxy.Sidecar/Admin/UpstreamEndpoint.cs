using System.Text.Json;
using MeliProxy.Sidecar.Http;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Admin;

/// <summary>How the upstreams of this sidecar fare, as its forwarder sees them.</summary>
internal sealed class UpstreamEndpoint(IProxyStateLookup upstreams)
{
    public void Map(WebApplication app) => app.MapGet("/api/v1/upstreams", AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter writer = new(context.Response.BodyWriter, Problem.Readable);
        writer.WriteStartObject();
        writer.WriteStartArray("clusters");
        foreach (ClusterState cluster in upstreams.GetClusters().OrderBy(cluster => cluster.ClusterId, StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("cluster", cluster.ClusterId);
            writer.WriteStartArray("destinations");
            foreach (DestinationState destination in cluster.DestinationsState.AllDestinations.OrderBy(d => d.DestinationId, StringComparer.Ordinal))
            {
                Write(writer, destination);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, DestinationState destination)
    {
        writer.WriteStartObject();
        writer.WriteString("destination", destination.DestinationId);
        writer.WriteString("address", WithoutUser(destination.Model.Config.Address));
        writer.WriteString("active", NameOf(destination.Health.Active));
        writer.WriteString("passive", NameOf(destination.Health.Passive));
        writer.WriteNumber("inFlight", destination.ConcurrentRequestCount);
        writer.WriteEndObject();
    }

    /// <summary>What stands before the @ of an address may be a password; nor is anything told of what cannot be read.</summary>
    private static string WithoutUser(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : "";

    private static string NameOf(DestinationHealth health) => health switch
    {
        DestinationHealth.Healthy => "healthy",
        DestinationHealth.Unhealthy => "unhealthy",
        _ => "unknown",
    };
}
