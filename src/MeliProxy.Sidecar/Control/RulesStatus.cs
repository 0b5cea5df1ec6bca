namespace MeliProxy.Sidecar.Control;

/// <summary>Which rules a sidecar has.</summary>
/// <param name="Revision">Their revision.</param>
/// <param name="IsCutOff">Whether others may have changed them without this sidecar knowing.</param>
/// <param name="Problem">Why they are not in force here; <see langword="null"/> if they are.</param>
internal readonly record struct RulesStatus(long Revision, bool IsCutOff, string? Problem);
