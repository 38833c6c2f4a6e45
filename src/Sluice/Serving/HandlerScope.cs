namespace Sluice.Serving;

/// <summary>
/// Marks code that runs in a handler of a server, across its awaits: a handler that waits for its own server to stop must not wait for itself. All handlers
/// of a server share one scope, so that a connection needs no execution context of its own.
/// </summary>
internal sealed class HandlerScope
{
    private static readonly AsyncLocal<HandlerScope?> s_current = new();

    private readonly object _server;
    private readonly HandlerScope? _outer;

    private HandlerScope(object server, HandlerScope? outer)
    {
        _server = server;
        _outer = outer;
    }

    /// <summary>Enters the scope of a handler of <paramref name="server"/>. It includes everything that is started from here, and ends with the calling async method.</summary>
    public static void Enter(object server) => s_current.Value = new HandlerScope(server, s_current.Value);

    /// <summary>Gets whether the caller runs in a handler of <paramref name="server"/>, or in a handler of another server that runs inside of one.</summary>
    public static bool IsInside(object server)
    {
        for (HandlerScope? scope = s_current.Value; scope is not null; scope = scope._outer)
        {
            if (scope._server == server)
            {
                return true;
            }
        }

        return false;
    }
}
