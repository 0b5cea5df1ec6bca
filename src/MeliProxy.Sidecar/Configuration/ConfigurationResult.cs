namespace MeliProxy.Sidecar.Configuration;

/// <summary>What came of loading a configuration.</summary>
/// <param name="Configuration">The configuration, or <see langword="null"/> if there are errors.</param>
/// <param name="Errors">Everything that is wrong: the file's errors by line, then those of the environment and of options.</param>
/// <param name="Warnings">What is right but may not do what its author expects.</param>
internal sealed record ConfigurationResult(
    SidecarConfiguration? Configuration,
    IReadOnlyList<ConfigurationError> Errors,
    IReadOnlyList<ConfigurationError> Warnings);
