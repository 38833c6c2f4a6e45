namespace Sluice.TestKit;

/// <summary>A folder for sockets: short, because a path has 107 bytes, and gone with the test.</summary>
internal sealed class UnixFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sl");

    public string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    public string Path => _folder.FullName;

    /// <summary>The file of a server that died: it has no listener.</summary>
    public string Stale(string name)
    {
        // The framework deletes the file of what it was told by this kind of end point alone.
        string path = this[name];
        using var dead = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        dead.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path + "x"));
        File.Move(path + "x", path);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
