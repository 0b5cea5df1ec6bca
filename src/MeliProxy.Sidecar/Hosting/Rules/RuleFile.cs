using System.Buffers;
using MeliProxy.RateLimiting.Control;

namespace MeliProxy.Sidecar.Hosting.Rules;

/// <summary>A file that holds a rule document. It is written beside its place and then put there, so there is always a whole one.</summary>
internal sealed class RuleFile(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Tells whether the file may be another one than before; the default if there is none.</summary>
    public (DateTime, long) Stamp
    {
        get
        {
            FileInfo file = new(Path);
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        }
    }

    /// <summary>Reads the document; <see langword="null"/> if there is no file.</summary>
    /// <exception cref="InvalidDataException">The file holds something else.</exception>
    /// <exception cref="NotSupportedException">The document is one of a later version.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public RuleDocument? Read()
    {
        try
        {
            using FileStream stream = File.OpenRead(Path);
            if (stream.Length > RuleDocument.MaxLength)
            {
                throw new InvalidDataException($"it is longer than {RuleDocument.MaxLength} bytes");
            }

            byte[] json = new byte[stream.Length];
            stream.ReadExactly(json);
            return RuleDocument.Read(json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes a document.</summary>
    /// <exception cref="IOException">It cannot be written; the one before is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public void Write(RuleDocument document)
    {
        ArrayBufferWriter<byte> json = new();
        document.Write(json);
        // Several processes may have the same file, each with the same to write.
        string beside = $"{Path}.{Environment.ProcessId}.new";
        using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(json.WrittenSpan);
            stream.Write("\n"u8);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, Path, overwrite: true);
    }

    /// <summary>Keeps a file that cannot be used where people can look at it; returns where.</summary>
    public string SetAside()
    {
        string aside = Path + ".bad";
        File.Move(Path, aside, overwrite: true);
        return aside;
    }

    /// <summary>Keeps other processes from writing until what it returns is disposed of; <see langword="null"/> if another writes just now.</summary>
    /// <exception cref="IOException">There is no such folder, or the disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">This process must not write here.</exception>
    public FileStream? TryLock()
    {
        try
        {
            return new FileStream(Path + ".lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException))
        {
            return null;
        }
    }
}
