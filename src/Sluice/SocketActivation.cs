using System.Globalization;
using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice;

/// <summary>
/// Provides the sockets that systemd, or another service manager with the same protocol, opened before it started this process (sd_listen_fds(3)). The
/// environment has their number and their names; the descriptors start at 3. On systems other than Linux there are none.
/// </summary>
public static class SocketActivation
{
    private const int FirstDescriptor = 3;

    // Guards s_remaining.
    private static readonly Lock s_lock = new();
    private static List<ActivatedSocket>? s_remaining;

    /// <summary>
    /// Takes the sockets that were not taken yet, of every kind. <see cref="SelectorManager.AdoptActivatedListeners"/> takes only listening ones.
    /// </summary>
    /// <remarks>
    /// The first call clears the variables <c>LISTEN_PID</c>, <c>LISTEN_FDS</c> and <c>LISTEN_FDNAMES</c> and marks the descriptors, so that
    /// child processes inherit neither.
    /// </remarks>
    /// <returns>The sockets, in the service manager's order; none if there are none, or they are for another process.</returns>
    /// <exception cref="InvalidOperationException">The variables are inconsistent, or name descriptors that are not open.</exception>
    public static IReadOnlyList<ActivatedSocket> TakeSockets() => Take(_ => true);

    internal static IReadOnlyList<ActivatedSocket> Take(Predicate<ActivatedSocket> wanted)
    {
        lock (s_lock)
        {
            s_remaining ??= Open();
            List<ActivatedSocket> taken = s_remaining.FindAll(wanted);
            s_remaining.RemoveAll(taken.Contains);
            return taken;
        }
    }

    private static List<ActivatedSocket> Open()
    {
        string[] names = ActivationVariables.Take();
        var sockets = new List<ActivatedSocket>(names.Length);
        for (int i = 0; i < names.Length; i++)
        {
            int fd = FirstDescriptor + i;
            if (!HandleTransfer.TrySetCloseOnExec(fd))
            {
                throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"The environment announces {names.Length} sockets from descriptor {FirstDescriptor} on, but descriptor {fd} is not open."));
            }

            sockets.Add(new ActivatedSocket(names[i], new SafeSocketHandle(fd, ownsHandle: true)));
        }

        return sockets;
    }
}
