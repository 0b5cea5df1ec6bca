using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>Finds usage stores that are to be in a file that is something else.</summary>
internal static class StoreFileCheck
{
    /// <param name="configuration">The configuration.</param>
    /// <param name="file">Its file, if it has one.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Check(SidecarConfiguration configuration, string? file, ICollection<RuleError> errors)
    {
        if (!configuration.Usage.Record || configuration.Usage.Store is not { Path.Length: > 0 } store)
        {
            return;
        }

        string path = Path.GetFullPath(store.Path);
        (string What, string? File)[] others =
        [
            ("of this configuration", file),
            ("of rulesFile", configuration.RulesFile),
            ("of state", configuration.State),
            ("of tls.certificate", configuration.Tls?.Certificate),
            ("of tls.key", configuration.Tls?.Key),
        ];
        foreach ((string what, string? other) in others)
        {
            if (!string.IsNullOrEmpty(other) && Path.GetFullPath(other) == path)
            {
                errors.Add(new RuleError("$.usage.store", $"is the file {what}; give the store a file of its own"));
                return;
            }
        }

        if (Directory.Exists(path))
        {
            errors.Add(new RuleError("$.usage.store", $"'{store.Path}' is a folder; give the store a file in it"));
        }
    }
}
