using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine;

/// <summary>Represents the options of a socket for its users: a call on a closed one says what has closed it, and not that a descriptor is disposed.</summary>
internal sealed class CallersOptions(Transport transport) : IOptionTarget
{
    private readonly IOptionTarget _target = transport.Options;

    public AddressFamily Family => _target.Family;

    public int GetOption(SocketOption option)
    {
        try
        {
            return _target.GetOption(option);
        }
        catch (ObjectDisposedException)
        {
            throw transport.Closed();
        }
    }

    public void SetOption(SocketOption option, int value)
    {
        try
        {
            _target.SetOption(option, value);
        }
        catch (ObjectDisposedException)
        {
            throw transport.Closed();
        }
    }

    public int GetRawOption(int level, int name, Span<byte> value)
    {
        try
        {
            return _target.GetRawOption(level, name, value);
        }
        catch (ObjectDisposedException)
        {
            throw transport.Closed();
        }
    }

    public void SetRawOption(int level, int name, ReadOnlySpan<byte> value)
    {
        try
        {
            _target.SetRawOption(level, name, value);
        }
        catch (ObjectDisposedException)
        {
            throw transport.Closed();
        }
    }
}
