using Sluice.Client.Pooling;

namespace Sluice.Client;

/// <summary>Represents a connection that is rented from a <see cref="ConnectionPool{TConnection}"/>. Its disposal gives the connection back.</summary>
/// <typeparam name="TConnection">The type of the connections.</typeparam>
public readonly struct PooledConnection<TConnection> : IAsyncDisposable, IEquatable<PooledConnection<TConnection>>
    where TConnection : class, IAsyncDisposable
{
    private readonly ConnectionPool<TConnection>? _pool;
    private readonly PoolEntry<TConnection>? _entry;
    private readonly int _rental;

    internal PooledConnection(ConnectionPool<TConnection> pool, PoolEntry<TConnection> entry)
    {
        _pool = pool;
        _entry = entry;
        _rental = entry.Rental;
    }

    /// <summary>Gets the connection, until this is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The connection was given back.</exception>
    public TConnection Connection => _entry is { } entry && entry.Rental == _rental
        ? entry.Connection
        : throw new ObjectDisposedException(nameof(PooledConnection<>), "The connection was given back to its pool.");

    /// <summary>Determines whether two values are the same rental.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(PooledConnection<TConnection> left, PooledConnection<TConnection> right) => left.Equals(right);

    /// <summary>Determines whether two values are different rentals.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(PooledConnection<TConnection> left, PooledConnection<TConnection> right) => !left.Equals(right);

    /// <summary>
    /// Says that the connection must not be used again, because an exchange on it failed or was not finished: its pool closes it when it is given back. Has no
    /// effect after that.
    /// </summary>
    public void Invalidate() => _entry?.Invalidate(_rental);

    /// <summary>Gives the connection back. Idempotent. Does not wait: a connection that cannot be used again is closed in the background.</summary>
    public ValueTask DisposeAsync()
    {
        if (_entry is { } entry && entry.TryEnd(_rental, out bool isInvalid))
        {
            _pool!.Return(entry, isInvalid);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public bool Equals(PooledConnection<TConnection> other) => ReferenceEquals(_entry, other._entry) && _rental == other._rental;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PooledConnection<TConnection> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_entry, _rental);
}
