using System.Net;
using System.Threading.RateLimiting;

namespace Sluice.Serving;

/// <summary>Decides who is served, of those who were accepted.</summary>
internal sealed class Admission(ServeOptions options)
{
    private readonly RateLimiter? _limiter = options.AcceptLimiter;
    private readonly Dictionary<IPAddress, int> _counts = [];
    private readonly Lock _lock = new();

    /// <summary>Whether anybody could be refused.</summary>
    public bool IsNeeded => options.MaxConnectionsPerAddress != int.MaxValue || _limiter is not null;

    /// <summary>Lets a connection in; null if it is refused. Suspends for as long as the limiter lets it queue.</summary>
    public async ValueTask<Ticket?> TryEnterAsync(EndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        int most = options.MaxConnectionsPerAddress;
        IPAddress? address = most == int.MaxValue ? null : AddressOf(remoteEndPoint);
        if (address is not null && !TryCount(address, most))
        {
            return null;
        }

        bool entered = false;
        try
        {
            RateLimitLease? lease = _limiter is null ? null : await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
            if (lease is { IsAcquired: false })
            {
                lease.Dispose();
                return null;
            }

            entered = true;
            return new Ticket(this, address, lease);
        }
        finally
        {
            if (!entered)
            {
                Leave(address);
            }
        }
    }

    /// <summary>As <see cref="TryEnterAsync"/>, without queueing.</summary>
    public Ticket? TryEnter(EndPoint remoteEndPoint)
    {
        int most = options.MaxConnectionsPerAddress;
        IPAddress? address = most == int.MaxValue ? null : AddressOf(remoteEndPoint);
        if (address is not null && !TryCount(address, most))
        {
            return null;
        }

        RateLimitLease? lease = _limiter?.AttemptAcquire(1);
        if (lease is { IsAcquired: false })
        {
            lease.Dispose();
            Leave(address);
            return null;
        }

        return new Ticket(this, address, lease);
    }

    private static IPAddress? AddressOf(EndPoint endPoint) =>
        endPoint is not IPEndPoint ip ? null : ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address;

    private bool TryCount(IPAddress address, int most)
    {
        lock (_lock)
        {
            int count = _counts.GetValueOrDefault(address);
            if (count >= most)
            {
                return false;
            }

            _counts[address] = count + 1;
            return true;
        }
    }

    private void Leave(IPAddress? address)
    {
        if (address is null)
        {
            return;
        }

        lock (_lock)
        {
            int left = _counts[address] - 1;
            if (left == 0)
            {
                _counts.Remove(address);
            }
            else
            {
                _counts[address] = left;
            }
        }
    }

    /// <summary>What a connection holds while it is served. Disposed of once.</summary>
    public sealed class Ticket(Admission admission, IPAddress? address, RateLimitLease? lease) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                lease?.Dispose();
            }
            finally
            {
                admission.Leave(address);
            }
        }
    }
}
