using System.Globalization;
using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice;

/// <summary>
/// Sockets that systemd, or whoever does as it does, made before it started this process (sd_listen_fds(3)): the environment says how many
/// there are, from descriptor 3 on, and what they are called. Elsewhere than on Linux there are none.
/// </summary>
public static class SocketActivation
{
    private const int FirstDescriptor = 3;
    private static readonly Lock s_lock = new();
    private static List<ActivatedSocket>? s_left;

    /// <summary>
    /// Takes the sockets that nobody has taken yet: of whatever kind. Those that listen are what
    /// <see cref="SelectorManager.AdoptActivatedListeners"/> takes.
    /// </summary>
    /// <remarks>
    /// The first call clears the variables <c>LISTEN_PID</c>, <c>LISTEN_FDS</c> and <c>LISTEN_FDNAMES</c> and marks the descriptors, so that
    /// processes that this one starts inherit neither.
    /// </remarks>
    /// <returns>The sockets, in the order of the service manager; none if there are none, or they are meant for another process.</returns>
    /// <exception cref="InvalidOperationException">The variables contradict themselves, or what is there.</exception>
    public static IReadOnlyList<ActivatedSocket> TakeSockets() => Take(_ => true);

    internal static IReadOnlyList<ActivatedSocket> Take(Predicate<ActivatedSocket> wanted)
    {
        lock (s_lock)
        {
            s_left ??= Open();
            List<ActivatedSocket> taken = s_left.FindAll(wanted);
            s_left.RemoveAll(taken.Contains);
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
                    string.Create(CultureInfo.InvariantCulture, $"The environment promises {names.Length} sockets from descriptor {FirstDescriptor} on, but {fd} is not open."));
            }

            sockets.Add(new ActivatedSocket(names[i], new SafeSocketHandle(fd, ownsHandle: true)));
        }

        return sockets;
    }
}
