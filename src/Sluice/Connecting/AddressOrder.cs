using System.Net;
using System.Net.Sockets;

namespace Sluice.Connecting;

/// <summary>Determines the order in which the addresses of a name are tried.</summary>
internal static class AddressOrder
{
    /// <summary>
    /// Alternates the families, starting with that of the first address, and otherwise keeps the order (RFC 8305, 4, with a First Address Family Count of 1). A
    /// family without a route then costs only one attempt at a time, however many addresses it has.
    /// </summary>
    public static IReadOnlyList<EndPoint> Interleave(IReadOnlyList<EndPoint> endPoints)
    {
        AddressFamily first = endPoints[0].AddressFamily;
        var preferred = new Queue<EndPoint>(endPoints.Where(endPoint => endPoint.AddressFamily == first));
        var others = new Queue<EndPoint>(endPoints.Where(endPoint => endPoint.AddressFamily != first));
        if (others.Count == 0)
        {
            return endPoints;
        }

        var order = new List<EndPoint>(endPoints.Count);
        while (preferred.Count > 0 || others.Count > 0)
        {
            if (preferred.TryDequeue(out EndPoint? one))
            {
                order.Add(one);
            }

            if (others.TryDequeue(out EndPoint? other))
            {
                order.Add(other);
            }
        }

        return order;
    }
}
