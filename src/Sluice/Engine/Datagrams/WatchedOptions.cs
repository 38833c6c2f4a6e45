using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine.Datagrams;

/// <summary>Wraps the options of a socket, and calls back after an option was set.</summary>
internal sealed class WatchedOptions(IOptionTarget target, Action changed) : IOptionTarget
{
    public AddressFamily Family => target.Family;

    public int GetOption(SocketOption option) => target.GetOption(option);

    public void SetOption(SocketOption option, int value)
    {
        target.SetOption(option, value);
        changed();
    }

    public int GetRawOption(int level, int name, Span<byte> value) => target.GetRawOption(level, name, value);

    public void SetRawOption(int level, int name, ReadOnlySpan<byte> value)
    {
        target.SetRawOption(level, name, value);
        changed();
    }
}
