using System.Net;
using System.Threading.RateLimiting;

namespace Sluice.Sockets;

/// <summary>Decides who is served, of those who were accepted.</summary>
internal sealed class Admission(int maxPerAddress, RateLimiter? limiter)
{
    private readonly Dictionary<IPAddress, int> _counts = [];
    private readonly Lock _lock = new();

    public static Admission? For(ServeOptions options) => options.MaxConnectionsPerAddress == int.MaxValue && options.AcceptLimiter is null
        ? null
        : new Admission(options.MaxConnectionsPerAddress, options.AcceptLimiter);

    /// <summary>Lets a connection in; null if it is refused. Suspends for as long as the limiter lets it queue.</summary>
    public async ValueTask<Ticket?> TryEnterAsync(EndPoint remoteEndPoint, CancellationToken cancellationToken)
    {
        IPAddress? address = maxPerAddress == int.MaxValue ? null : AddressOf(remoteEndPoint);
        if (address is not null && !TryCount(address))
        {
            return null;
        }

        bool entered = false;
        try
        {
            RateLimitLease? lease = limiter is null ? null : await limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
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

    private static IPAddress? AddressOf(EndPoint endPoint) =>
        endPoint is not IPEndPoint ip ? null : ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address;

    private bool TryCount(IPAddress address)
    {
        lock (_lock)
        {
            int count = _counts.GetValueOrDefault(address);
            if (count >= maxPerAddress)
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
            lease?.Dispose();
            admission.Leave(address);
        }
    }
}
