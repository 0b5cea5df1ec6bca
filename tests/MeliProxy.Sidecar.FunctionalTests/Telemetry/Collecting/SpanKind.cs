namespace MeliProxy.Sidecar.FunctionalTests.Telemetry.Collecting;

/// <summary>The numbers that OTLP has for kinds of spans.</summary>
internal enum SpanKind
{
    Internal = 1,
    Server = 2,
    Client = 3,
}
