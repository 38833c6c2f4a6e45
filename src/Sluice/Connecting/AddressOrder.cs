using System.Net;
using System.Net.Sockets;

namespace Sluice.Connecting;

/// <summary>In which order the addresses of a name are tried.</summary>
internal static class AddressOrder
{
    /// <summary>
    /// One of each family in turn, beginning with that of the first, otherwise as they come (RFC 8305, 4, with a First Address Family Count of 1):
    /// a family that does not work costs one attempt, however many addresses it has.
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
