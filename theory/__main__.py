from verify.commands.theory import main

if __name__ == "__main__":
    main()
