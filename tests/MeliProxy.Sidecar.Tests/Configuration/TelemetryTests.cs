using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class TelemetryTests
{
    [Theory]
    [InlineData("""{ "traces": { "sample": 0.1 } }""", "$.telemetry.traces.sample: has no effect until telemetry.otlp says where traces go")]
    [InlineData("""{ "otlpProtocol": "grpc" }""", "$.telemetry.otlpProtocol: has no effect until telemetry.otlp is set")]
    [InlineData("""{ "otlpHeaders": { "A": "b" } }""", "$.telemetry.otlpHeaders: has no effect until telemetry.otlp is set")]
    public void What_is_said_of_no_collector_is_warned_of(string telemetry, string warning) =>
        Assert.Equal($"meliproxy.json:1: {warning}", Assert.Single(ConfigurationFolder.Load($$"""{ "telemetry": {{telemetry}} }""").Warnings).ToString());

    [Theory]
    [InlineData("""{ "otlp": "http://c:4318" }""", false)]
    [InlineData("""{ "otlp": "http://c:4318", "traces": { "sample": 0.5 } }""", true)]
    [InlineData("""{ "traces": { "sample": 0.5 } }""", false)]
    [InlineData("{}", false)]
    public void Requests_are_traced_if_there_is_a_share_and_somewhere_to_send_it(string telemetry, bool traces) =>
        Assert.Equal(traces, ConfigurationFolder.LoadValid($$"""{ "telemetry": {{telemetry}} }""").Telemetry.Traces);

    [Fact]
    public void Headers_are_not_shown()
    {
        TelemetryConfiguration telemetry = ConfigurationFolder.LoadValid(
            """{ "telemetry": { "otlp": "http://c:4318", "otlpHeaders": { "Authorization": "hunter2" } } }""").Telemetry;

        Assert.DoesNotContain("hunter2", telemetry.ToString(), StringComparison.Ordinal);
    }
}
