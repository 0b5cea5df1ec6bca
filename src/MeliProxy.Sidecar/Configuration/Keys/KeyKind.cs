namespace MeliProxy.Sidecar.Configuration.Keys;

/// <summary>What kind of value a setting has.</summary>
internal enum KeyKind
{
    Text,
    Number,
    Boolean,

    /// <summary>An object whose names are known.</summary>
    Object,

    /// <summary>An object whose names are the user's.</summary>
    Map,

    /// <summary>An array.</summary>
    List,
}
