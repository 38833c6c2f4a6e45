using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine;

/// <summary>Sets an option of several sockets, and reads that of the first.</summary>
internal sealed class JointOptions(IOptionTarget[] targets) : IOptionTarget
{
    public AddressFamily Family => targets[0].Family;

    public int GetOption(SocketOption option) => targets[0].GetOption(option);

    public void SetOption(SocketOption option, int value)
    {
        foreach (IOptionTarget target in targets)
        {
            target.SetOption(option, value);
        }
    }

    public int GetRawOption(int level, int name, Span<byte> value) => targets[0].GetRawOption(level, name, value);

    public void SetRawOption(int level, int name, ReadOnlySpan<byte> value)
    {
        foreach (IOptionTarget target in targets)
        {
            target.SetRawOption(level, name, value);
        }
    }
}
