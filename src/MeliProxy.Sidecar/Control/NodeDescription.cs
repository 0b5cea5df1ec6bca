using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Control;

/// <summary>What a sidecar tells of itself, as JSON.</summary>
internal static class NodeDescription
{
    /// <param name="name">What the sidecar is called.</param>
    /// <param name="version">Its version.</param>
    /// <param name="rules">Which rules it has in force.</param>
    /// <param name="process">How its process stands.</param>
    /// <param name="sharing">How it takes part in sharing; <see langword="null"/> if it does not.</param>
    /// <param name="droppedMessages">Messages that it had no room or time for.</param>
    public static ReadOnlyMemory<byte> Write(
        string name, string version, RulesStatus rules, ProcessStatus process, SharingStatus? sharing, long droppedMessages)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("node", name);
            writer.WriteString("version", version);
            writer.WriteNumber("rulesRevision", rules.Revision);
            writer.WriteBoolean("rulesCutOff", rules.IsCutOff);
            if (rules.Problem is { } problem)
            {
                writer.WriteString("rulesProblem", problem);
            }

            Write(writer, process);
            writer.WriteBoolean("shares", sharing is not null);
            if (sharing is not null)
            {
                Write(writer, sharing, droppedMessages);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, ProcessStatus process)
    {
        writer.WriteString("since", process.Since.UtcDateTime);
        writer.WriteNumber("inFlight", process.InFlight);
        writer.WriteNumber("residentBytes", process.ResidentBytes);
        writer.WriteStartArray("sinks");
        foreach (SinkStatus sink in process.Sinks)
        {
            writer.WriteStartObject();
            writer.WriteString("name", sink.Name);
            writer.WriteNumber("queued", sink.Queued);
            writer.WriteNumber("dropped", sink.Dropped);
            writer.WriteString("problem", sink.Problem);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, SharingStatus sharing, long droppedMessages)
    {
        writer.WriteString("id", sharing.Node.ToString("x16", CultureInfo.InvariantCulture));
        writer.WriteBoolean("connected", sharing.IsConnected);
        writer.WriteNumber("members", sharing.Members);
        writer.WriteNumber("leasedKeys", sharing.LeasedKeys);
        writer.WriteNumber("heldPermits", sharing.HeldPermits);
        writer.WriteNumber("refusedMessages", sharing.RefusedMessages);
        writer.WriteNumber("droppedMessages", droppedMessages);
        if (sharing.Lag is { } lag)
        {
            writer.WriteNumber("lagMs", Math.Round(lag.TotalMilliseconds, 2));
        }

        writer.WriteStartArray("shards");
        foreach (ShardStatus shard in sharing.Shards)
        {
            writer.WriteStartObject();
            writer.WriteNumber("shard", shard.Shard);
            writer.WriteNumber("epoch", shard.Epoch);
            writer.WriteBoolean("owned", shard.IsOwned);
            writer.WriteBoolean("cutOff", shard.IsCutOff);
            if (shard.IsOwned)
            {
                writer.WriteNumber("keys", shard.Keys);
                writer.WriteNumber("outstandingPermits", shard.OutstandingPermits);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("rules");
        foreach (SharedRuleStatus rule in sharing.Rules)
        {
            writer.WriteStartObject();
            writer.WriteString("rule", rule.Rule);
            if (rule.Bound is { } bound)
            {
                writer.WriteNumber("bound", bound);
            }
            else
            {
                writer.WriteNull("bound");
            }

            writer.WriteBoolean("cutOff", rule.IsCutOff);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
