namespace Sluice;

/// <summary>
/// Represents a set of connections that get the same messages: a room, a topic, a game. A message is encoded once, and the outboxes of all members
/// share it. Groups can be members of groups.
/// </summary>
/// <remarks>
/// <para>Thread-safe. A broadcast posts to the <see cref="Outbox"/> of each member: it never waits, and a member that does not read delays no other.
/// Each member's outbox bounds its memory and has its own policy when it is full. A connection leaves by itself when it is closed or its output is
/// completed, and joins again as a new one after an upgrade to TLS.</para>
/// <para>Joining and leaving take constant time. A broadcast takes no lock of the group. A connection that joins or leaves during a broadcast may or may not
/// get the message; every other member gets it.</para>
/// </remarks>
public sealed partial class ConnectionGroup
{
    private const int Smallest = 4;

    // Taken before the lock of a group in a change of what groups are in a group: so two changes cannot close a circle.
    private static readonly Lock s_nesting = new();

    private readonly Lock _lock = new();

    // Guarded by the lock, as is _free: the slot of each member, which is an Outbox or a ConnectionGroup.
    private readonly Dictionary<object, int> _slotOf = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<int> _free = new();

    // Written in the lock, read without it. A broadcast reads an array from its beginning to its end; a larger or a smaller one replaces it, with all
    // members.
    private object?[] _slots = new object?[Smallest];

    // Written in the lock, read without it: how many of the members are groups.
    private int _groups;

    /// <summary>Gets or sets the text behind a line that is broadcast. Default: CR LF, the ending of the Internet's line protocols.</summary>
    public string NewLine
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = "\r\n";

    /// <summary>
    /// Gets the number of connections in this group and in the groups within it. A connection that is in two of them counts twice, and gets a broadcast
    /// once.
    /// </summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (object? member in Volatile.Read(ref _slots))
            {
                count += member switch
                {
                    null => 0,
                    ConnectionGroup group => group.Count,
                    _ => 1,
                };
            }

            return count;
        }
    }

    /// <summary>Adds a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>False if it is a member already, or is closed, or its output is completed.</returns>
    public bool Add(Connection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        Outbox outbox = connection.Outbox;
        lock (_lock)
        {
            if (_slotOf.ContainsKey(outbox) || !outbox.TryOpen() || !outbox.TryJoin(this))
            {
                return false;
            }

            AddMember(outbox);
            return true;
        }
    }

    /// <summary>Adds a group: its members, now and later, get what is broadcast here.</summary>
    /// <param name="group">The group. It stays a member until it is removed.</param>
    /// <returns>False if it is a member already.</returns>
    /// <exception cref="ArgumentException">The group is this one, or this one is within it.</exception>
    public bool Add(ConnectionGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        lock (s_nesting)
        {
            if (ReferenceEquals(group, this) || group.Holds(this))
            {
                throw new ArgumentException("The group would be a member of itself.", nameof(group));
            }

            lock (_lock)
            {
                if (_slotOf.ContainsKey(group))
                {
                    return false;
                }

                AddMember(group);
                Volatile.Write(ref _groups, _groups + 1);
                return true;
            }
        }
    }

    /// <summary>Removes a connection.</summary>
    /// <param name="connection">The connection. It stays open, and still gets the messages that are in its outbox.</param>
    /// <returns>False if it is not a member of this group itself.</returns>
    public bool Remove(Connection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        Outbox? outbox = connection.OpenedOutbox;
        lock (_lock)
        {
            if (outbox is null || !RemoveMember(outbox))
            {
                return false;
            }

            outbox.Leave(this);
            return true;
        }
    }

    /// <summary>Removes a group.</summary>
    /// <param name="group">The group, which keeps its own members.</param>
    /// <returns>False if it is not a member of this group itself.</returns>
    public bool Remove(ConnectionGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        lock (_lock)
        {
            if (!RemoveMember(group))
            {
                return false;
            }

            Volatile.Write(ref _groups, _groups - 1);
            return true;
        }
    }

    /// <summary>Returns a value indicating whether a connection is in this group, or in a group within it.</summary>
    /// <param name="connection">The connection.</param>
    public bool Contains(Connection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.OpenedOutbox is { } outbox && Holds(outbox);
    }

    /// <summary>Gets the connections that are in this group, and in the groups within it, at the time of the call: each once.</summary>
    /// <returns>A new array.</returns>
    public Connection[] ToArray()
    {
        var connections = new HashSet<Connection>(ReferenceEqualityComparer.Instance);
        Collect(connections);
        return [.. connections];
    }

    private void Collect(HashSet<Connection> into)
    {
        foreach (object? member in Volatile.Read(ref _slots))
        {
            if (member is Outbox outbox)
            {
                into.Add(outbox.Connection);
            }
            else if (member is ConnectionGroup group)
            {
                group.Collect(into);
            }
        }
    }

    // Whether an outbox or a group is in this group, or in one within it.
    private bool Holds(object other)
    {
        lock (_lock)
        {
            if (_slotOf.ContainsKey(other))
            {
                return true;
            }
        }

        if (Volatile.Read(ref _groups) > 0)
        {
            foreach (object? member in Volatile.Read(ref _slots))
            {
                if (member is ConnectionGroup group && group.Holds(other))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // The rest runs in the lock.

    private void AddMember(object member)
    {
        if (!_free.TryPop(out int slot))
        {
            slot = _slotOf.Count;
            if (slot == _slots.Length)
            {
                Resize(_slots.Length * 2);
                _free.TryPop(out slot);
            }
        }

        _slotOf.Add(member, slot);
        Volatile.Write(ref _slots[slot], member);
    }

    private bool RemoveMember(object member)
    {
        if (!_slotOf.Remove(member, out int slot))
        {
            return false;
        }

        Volatile.Write(ref _slots[slot], null);
        _free.Push(slot);
        if (_slots.Length > Smallest && _slotOf.Count < _slots.Length / 4)
        {
            Resize(_slots.Length / 2);
        }

        return true;
    }

    // Replaces the array. No member moves within an array: a broadcast that reads it would miss the member.
    private void Resize(int length)
    {
        object?[] slots = new object?[length];
        int next = 0;
        foreach (object? member in _slots)
        {
            if (member is not null)
            {
                slots[next] = member;
                _slotOf[member] = next;
                next++;
            }
        }

        _free.Clear();
        for (int slot = length - 1; slot >= next; slot--)
        {
            _free.Push(slot);
        }

        Volatile.Write(ref _slots, slots);
    }
}
