namespace Resp;

/// <summary>The keys and their values. Not thread-safe: its user holds <see cref="Lock"/>.</summary>
internal sealed class Database
{
    private readonly TimeProvider _time;
    private readonly Dictionary<byte[], Entry> _entries = new(BytesComparer.Ordinal);
    private readonly Dictionary<byte[], Entry>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    // The keys that have expired or will, by time. A key whose time was changed stands here more than once.
    private readonly PriorityQueue<byte[], long> _expiring = new();

    public Database(TimeProvider time)
    {
        _time = time;
        _lookup = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public Lock Lock { get; } = new();

    public IReadOnlyDictionary<byte[], Entry> Entries => _entries;

    public long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public Entry? Find(ReadOnlySpan<byte> key)
    {
        if (!_lookup.TryGetValue(key, out Entry? entry))
        {
            return null;
        }

        if (entry.ExpiresAt == Entry.Never || entry.ExpiresAt > Now)
        {
            return entry;
        }

        Remove(key);
        return null;
    }

    public T? Get<T>(ReadOnlySpan<byte> key)
        where T : class => Find(key)?.Value is { } value ? value as T ?? throw RespException.WrongType : null;

    public T GetOrAdd<T>(ReadOnlySpan<byte> key)
        where T : class, new()
    {
        T? value = Get<T>(key);
        if (value is null)
        {
            Put(key, value = new T());
        }

        return value;
    }

    /// <summary>Sets a value, which then never expires.</summary>
    public void Put(ReadOnlySpan<byte> key, object value)
    {
        if (_lookup.TryGetValue(key, out Entry? entry))
        {
            entry.Value = value;
            entry.ExpiresAt = Entry.Never;
        }
        else
        {
            _lookup[key] = new Entry(value);
        }
    }

    /// <summary>Sets bytes, in the array that is there if it has their length.</summary>
    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Find(key) is { Value: byte[] old } entry && old.Length == value.Length)
        {
            value.CopyTo(old);
            entry.ExpiresAt = Entry.Never;
        }
        else
        {
            Put(key, value.ToArray());
        }
    }

    public bool Remove(ReadOnlySpan<byte> key) => _lookup.Remove(key);

    public void Clear()
    {
        _entries.Clear();
        _expiring.Clear();
    }

    public void Expire(ReadOnlySpan<byte> key, Entry entry, long at)
    {
        entry.ExpiresAt = at;
        if (at != Entry.Never)
        {
            _expiring.Enqueue(key.ToArray(), at);
        }

        if (_expiring.Count > (2 * _entries.Count) + 1000)
        {
            _expiring.Clear();
            _expiring.EnqueueRange(_entries.Where(pair => pair.Value.ExpiresAt != Entry.Never).Select(pair => (pair.Key, pair.Value.ExpiresAt)));
        }
    }

    /// <summary>Removes what has expired, until it is stopped, so that keys that are never read again take no memory.</summary>
    public async Task ExpireAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                lock (Lock)
                {
                    for (long now = Now; _expiring.TryPeek(out byte[]? key, out long at) && at <= now;)
                    {
                        _expiring.Dequeue();
                        Find(key);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
