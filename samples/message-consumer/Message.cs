namespace MessageConsumer;

/// <summary>What the broker delivers.</summary>
internal sealed record Message(string Tenant, long Account, int Bytes);
