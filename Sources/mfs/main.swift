print("mfs")
