namespace MeliProxy.Sidecar.Configuration.Sources;

/// <summary>Reads the configuration file into a tree.</summary>
internal static class ConfigurationFile
{
    public const int MaxLength = 16 * 1024 * 1024;

    /// <param name="fullPath">Where the file is.</param>
    /// <param name="name">What the user calls it, for errors.</param>
    /// <param name="mayBeAbsent">Whether its absence is no error.</param>
    /// <param name="tree">Receives the settings, their lines and errors.</param>
    /// <returns>Whether the tree holds all that the file says.</returns>
    public static bool Read(string fullPath, string name, bool mayBeAbsent, ConfigurationTree tree)
    {
        byte[] text;
        try
        {
            using FileStream stream = File.OpenRead(fullPath);
            text = ReadUpTo(stream, MaxLength + 1);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return mayBeAbsent || Fail("there is no such file");
        }
        catch (UnauthorizedAccessException)
        {
            return Fail(Directory.Exists(fullPath) ? "is a folder, not a file" : "this user may not read it");
        }
        catch (IOException e)
        {
            return Fail($"cannot be read: {e.Message}");
        }

        return text.Length <= MaxLength
            ? new JsonTreeParser(text, name, tree).Parse()
            : Fail($"is larger than {MaxLength / 1024 / 1024} MB");

        bool Fail(string message)
        {
            tree.AddError(ConfigurationTree.RootPath, message, new ConfigurationOrigin(name, 0));
            return false;
        }
    }

    /// <summary>Reads by count rather than by the file's length, which pipes do not have.</summary>
    private static byte[] ReadUpTo(Stream stream, int count)
    {
        using MemoryStream copy = new();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while (copy.Length < count && (read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, count - copy.Length))) > 0)
        {
            copy.Write(buffer, 0, read);
        }

        return copy.ToArray();
    }
}
