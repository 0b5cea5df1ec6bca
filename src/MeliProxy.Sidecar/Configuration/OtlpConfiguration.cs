namespace MeliProxy.Sidecar.Configuration;

/// <summary>An OpenTelemetry collector.</summary>
/// <param name="Url">Where it is, without the path of a signal.</param>
/// <param name="UsesGrpc">Whether it is spoken to in gRPC, rather than protobuf over plain HTTP.</param>
/// <param name="Headers">What it is sent with each request, such as a token.</param>
internal sealed record OtlpConfiguration(Uri Url, bool UsesGrpc, SettingPairs Headers);
