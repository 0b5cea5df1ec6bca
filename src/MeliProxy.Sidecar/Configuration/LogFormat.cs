namespace MeliProxy.Sidecar.Configuration;

/// <summary>The form of log lines.</summary>
internal enum LogFormat
{
    /// <summary>For people. In configuration: <c>text</c>.</summary>
    Text,

    /// <summary>One JSON object for each event. In configuration: <c>json</c>.</summary>
    Json,
}
