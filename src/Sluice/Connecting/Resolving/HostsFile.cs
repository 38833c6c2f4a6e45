using System.Net;
using System.Net.Sockets;

namespace Sluice.Connecting.Resolving;

/// <summary>
/// Reads the names in the hosts file (hosts(5)), to find out which lookups need no name server. The system still answers them. The file is read again when it has
/// changed.
/// </summary>
internal sealed class HostsFile(string path)
{
    // Guards the fields below.
    private readonly Lock _lock = new();
    private Dictionary<string, (bool V4, bool V6)> _names = [];
    private (DateTime Written, long Length) _version;

    /// <summary>Gets whether the file has an address of the family for the name.</summary>
    public bool Has(string host, AddressFamily family)
    {
        lock (_lock)
        {
            ReadIfChanged();
            return _names.TryGetValue(host.TrimEnd('.'), out (bool V4, bool V6) has) && family switch
            {
                AddressFamily.InterNetwork => has.V4,
                AddressFamily.InterNetworkV6 => has.V6,
                _ => true,
            };
        }
    }

    private void ReadIfChanged()
    {
        try
        {
            var file = new FileInfo(path);
            (DateTime, long) version = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (version != _version)
            {
                _names = file.Exists ? Read(File.ReadLines(path)) : [];
                _version = version;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _names = [];
        }
    }

    private static Dictionary<string, (bool V4, bool V6)> Read(IEnumerable<string> lines)
    {
        var names = new Dictionary<string, (bool V4, bool V6)>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines)
        {
            string[] words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out IPAddress? address))
            {
                continue;
            }

            bool isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
            foreach (string name in words.AsSpan(1))
            {
                (bool V4, bool V6) before = names.GetValueOrDefault(name);
                names[name] = (before.V4 || !isV6, before.V6 || isV6);
            }
        }

        return names;
    }
}
