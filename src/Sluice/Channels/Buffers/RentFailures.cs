using System.Runtime.CompilerServices;

namespace Sluice.Channels.Buffers;

/// <summary>
/// Knows the exceptions of pools that had no memory: a receive that fails by one consumed nothing, and the next one may succeed. A table and no field,
/// because few pools fail, and each connection would pay for the field.
/// </summary>
internal static class RentFailures
{
    private static readonly ConditionalWeakTable<Exception, object> s_known = [];

    /// <summary>Keeps an exception in mind for as long as it lives. An exception filter: always false.</summary>
    public static bool Remember(Exception exception)
    {
        s_known.AddOrUpdate(exception, s_known);
        return false;
    }

    public static bool Contains(Exception exception) => s_known.TryGetValue(exception, out _);

    /// <summary>Gets whether such an exception is behind one of SslStream, which wraps what the stream below throws.</summary>
    public static bool AreCauseOf(Exception exception) => Contains(exception) || (exception.InnerException is { } cause && Contains(cause));
}
