namespace MeliProxy.RateLimiting.Leasing;

/// <summary>Takes a report for a shard; the bytes are the caller's again afterwards.</summary>
internal delegate void ReportSender(int shard, ReadOnlySpan<byte> report);
