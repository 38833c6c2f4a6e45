namespace Sluice.Options;

/// <summary>Represents options that were set before the socket exists, and that most sockets do not have.</summary>
internal sealed class OptionSet
{
    private readonly Dictionary<SocketOption, int> _numbers = [];
    private readonly Dictionary<SocketOption, string> _names = [];
    private readonly Dictionary<(int Level, int Name), byte[]> _raw = [];

    public OptionSet()
    {
    }

    public OptionSet(OptionSet other)
    {
        _numbers = new(other._numbers);
        _names = new(other._names);
        _raw = new(other._raw);
    }

    public int? Number(SocketOption option) => _numbers.TryGetValue(option, out int value) ? value : null;

    public string? Name(SocketOption option) => _names.GetValueOrDefault(option);

    public void Set(SocketOption option, int? value)
    {
        if (value is { } given)
        {
            _numbers[option] = given;
        }
        else
        {
            _numbers.Remove(option);
        }
    }

    public void Set(SocketOption option, string? name)
    {
        if (name is null)
        {
            _names.Remove(option);
        }
        else
        {
            _names[option] = name;
        }
    }

    public void SetRaw(int level, int name, ReadOnlySpan<byte> value) => _raw[(level, name)] = value.ToArray();

    /// <summary>Sets all options on a socket that is not bound or connected yet.</summary>
    public void Apply(IOptionTarget target)
    {
        foreach ((SocketOption option, int value) in _numbers)
        {
            target.SetOption(option, value);
        }

        foreach ((SocketOption option, string name) in _names)
        {
            target.SetName(option, name);
        }

        ApplyRaw(target);
    }

    /// <summary>Sets the options on an accepted connection that it has not inherited from the listener.</summary>
    /// <param name="target">The connection.</param>
    /// <param name="inherited">Whether the system lets it inherit options: on Linux all except QuickAck, which follows the traffic.</param>
    public void ApplyToAccepted(IOptionTarget target, bool inherited)
    {
        foreach ((SocketOption option, int value) in _numbers)
        {
            bool applies = option == SocketOption.QuickAck || (!inherited && option is
                SocketOption.KeepAliveTime or SocketOption.KeepAliveInterval or SocketOption.KeepAliveCount or SocketOption.UserTimeout);
            if (applies)
            {
                target.SetOption(option, value);
            }
        }

        if (!inherited && Name(SocketOption.CongestionControl) is { } congestionControl)
        {
            target.SetName(SocketOption.CongestionControl, congestionControl);
        }

        ApplyRaw(target);
    }

    /// <summary>Sets the options that have no name here.</summary>
    public void ApplyRaw(IOptionTarget target)
    {
        foreach (((int level, int name), byte[] value) in _raw)
        {
            target.SetRawOption(level, name, value);
        }
    }
}
