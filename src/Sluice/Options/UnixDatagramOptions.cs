namespace Sluice;

/// <summary>Represents the options of a Unix domain datagram socket, set before it is bound or connected. Options of IP are ignored.</summary>
public sealed class UnixDatagramOptions : DatagramSocketOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public UnixDatagramOptions()
    {
    }

    /// <summary>
    /// Gets or sets the permissions of the socket's file: on Linux, a sender needs write permission (unix(7)). They are in force before the first datagram can
    /// arrive. Default: null, as the process's umask allows. An abstract name has no file and no permissions.
    /// </summary>
    public UnixFileMode? FileMode
    {
        get;
        set => field = UnixListenerOptions.ThrowIfNoMode(value);
    }

    /// <summary>Gets or sets a value indicating whether the close of the socket deletes its file, if the file is still the socket's own. Default: true.</summary>
    public bool DeleteOnClose { get; set; } = true;
}
