namespace AiFactory.ServiceDefaults.Objects.Directories;

/// <summary>From keys to files below the root: the key's segments are the path's, so an object is found by its name with any tool.</summary>
internal sealed class ObjectPaths
{
    /// <summary>EEXIST, which .NET hands on as the HResult.</summary>
    private const int AlreadyExists = 17;

    public ObjectPaths(string root)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Temporary = Path.Combine(Root, ObjectKey.Reserved, "tmp");
        Locks = Path.Combine(Root, ObjectKey.Reserved, "locks");
    }

    public string Root { get; }

    /// <summary>Where puts are written before they are renamed: on the root's own file system.</summary>
    public string Temporary { get; }

    public string Locks { get; }

    /// <summary>The file of a key. No part of the way below the root may be a symbolic link: it could lead out.</summary>
    public string FileOf(string key)
    {
        ObjectKey.Validate(key);
        var path = Path.Combine(Root, key.Replace('/', Path.DirectorySeparatorChar));
        if (!Path.GetFullPath(path).StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ObjectKeyException(key, "it leaves the store's directory.");
        }

        RefuseLinks(key);
        return path;
    }

    public void CreateParentOf(string key, string file)
    {
        var parent = Path.GetDirectoryName(file) ?? Root;
        try
        {
            Directory.CreateDirectory(parent);
        }
        catch (IOException) when (HasFileAbove(key))
        {
            throw Clash(key);
        }
        catch (IOException error) when (error.HResult == AlreadyExists)
        {
            // No object is in the way: a delete removed the directory, empty, between the making and the look.
            throw new DirectoryNotFoundException(error.Message, error);
        }

        // A link may have been put in the way since the first look.
        RefuseLinks(key);
    }

    public static ObjectKeyException Clash(string key) =>
        new(key, "a directory cannot hold one object below another, and a part of this key is one already.");

    private bool HasFileAbove(string key)
    {
        for (var slash = key.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = key.IndexOf('/', slash + 1))
        {
            if (File.Exists(Path.Combine(Root, key[..slash])))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A new name is safe once its directory is on disk, and that directory's own name likewise.</summary>
    public void SyncParentsOf(string file)
    {
        for (var parent = Path.GetDirectoryName(file); parent is not null && parent.Length >= Root.Length; parent = Path.GetDirectoryName(parent))
        {
            FileSync.SyncDirectory(parent);
        }
    }

    public void RefuseLinks(string key)
    {
        for (var slash = key.IndexOf('/', StringComparison.Ordinal); ; slash = key.IndexOf('/', slash + 1))
        {
            var part = new FileInfo(Path.Combine(Root, slash < 0 ? key : key[..slash]));
            if (part.Attributes is var attributes && (int)attributes != -1 && attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                throw new ObjectKeyException(key, "its way leads over a symbolic link.");
            }

            if (slash < 0 || (int)attributes == -1)
            {
                return;
            }
        }
    }
}
