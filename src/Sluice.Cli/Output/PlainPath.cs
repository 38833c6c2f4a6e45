namespace Sluice.Cli.Output;

/// <summary>Checks paths of files.</summary>
internal static class PlainPath
{
    /// <summary>Makes a folder in place of a file an error that says so. The one of the system is that access is denied, as for a lack of rights.</summary>
    /// <exception cref="IOException">It is a folder.</exception>
    public static void ThrowIfFolder(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"{path} is a folder.");
        }
    }
}
