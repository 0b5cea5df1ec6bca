using System.Text.Json;
using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Control;

/// <summary>Adds up what sidecars tell of the keys with the most requests of a time.</summary>
/// <param name="asked">The time that was asked for.</param>
/// <param name="count">How many keys at most.</param>
internal sealed class TopHistorySum(HistoryRange asked, int count) : HistorySum(asked)
{
    private readonly TopSum _keys = new();

    public override bool IsEmpty => _keys.IsEmpty;

    protected override void AddItems(JsonElement answer, HistoryRange range) => _keys.AddKeys(answer);

    protected override void WriteItems(Utf8JsonWriter writer) => _keys.WriteKeys(writer, count);
}
