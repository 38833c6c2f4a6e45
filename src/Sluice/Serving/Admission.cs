using System.Net;
using System.Threading.RateLimiting;

namespace Sluice.Serving;

/// <summary>Decides which accepted connections are served: applies the limit for each address and the rate limiter.</summary>
internal sealed class Admission(ServeOptions options)
{
    private readonly RateLimiter? _limiter = options.AcceptLimiter;
    private readonly Dictionary<IPAddress, int> _counts = [];

    // Guards _counts.
    private readonly Lock _lock = new();

    /// <summary>Whether a connection could be refused.</summary>
    public bool IsNeeded => options.MaxConnectionsPerAddress != int.MaxValue || _limiter is not null;

    /// <summary>Admits a connection; null if it is refused. Suspends while the limiter queues it.</summary>
    public async ValueTask<Lease?> TryAcquireAsync(EndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        int limit = options.MaxConnectionsPerAddress;
        IPAddress? address = limit == int.MaxValue ? null : AddressOf(remoteEndPoint);
        if (address is not null && !TryCount(address, limit))
        {
            return null;
        }

        bool admitted = false;
        try
        {
            RateLimitLease? lease = _limiter is null ? null : await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
            if (lease is { IsAcquired: false })
            {
                lease.Dispose();
                return null;
            }

            admitted = true;
            return new Lease(this, address, lease);
        }
        finally
        {
            if (!admitted)
            {
                Release(address);
            }
        }
    }

    /// <summary>As <see cref="TryAcquireAsync"/>, without queueing.</summary>
    public Lease? TryAcquire(EndPoint remoteEndPoint)
    {
        int limit = options.MaxConnectionsPerAddress;
        IPAddress? address = limit == int.MaxValue ? null : AddressOf(remoteEndPoint);
        if (address is not null && !TryCount(address, limit))
        {
            return null;
        }

        RateLimitLease? lease = _limiter?.AttemptAcquire(1);
        if (lease is { IsAcquired: false })
        {
            lease.Dispose();
            Release(address);
            return null;
        }

        return new Lease(this, address, lease);
    }

    private static IPAddress? AddressOf(EndPoint endPoint) =>
        endPoint is not IPEndPoint ip ? null : ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address;

    private bool TryCount(IPAddress address, int limit)
    {
        lock (_lock)
        {
            int count = _counts.GetValueOrDefault(address);
            if (count >= limit)
            {
                return false;
            }

            _counts[address] = count + 1;
            return true;
        }
    }

    private void Release(IPAddress? address)
    {
        if (address is null)
        {
            return;
        }

        lock (_lock)
        {
            int count = _counts[address] - 1;
            if (count == 0)
            {
                _counts.Remove(address);
            }
            else
            {
                _counts[address] = count;
            }
        }
    }

    /// <summary>Represents the admission of a connection while it is served. Disposed of once.</summary>
    public sealed class Lease(Admission admission, IPAddress? address, RateLimitLease? lease) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                lease?.Dispose();
            }
            finally
            {
                admission.Release(address);
            }
        }
    }
}
